export namespace main {
	
	export class ChosenFile {
	    path: string;
	    ticket: string;
	
	    static createFrom(source: any = {}) {
	        return new ChosenFile(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.path = source["path"];
	        this.ticket = source["ticket"];
	    }
	}
	export class Door {
	    url: string;
	    key: string;
	    version: string;
	
	    static createFrom(source: any = {}) {
	        return new Door(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.url = source["url"];
	        this.key = source["key"];
	        this.version = source["version"];
	    }
	}
	export class OpenedFile {
	    name: string;
	    text: string;
	
	    static createFrom(source: any = {}) {
	        return new OpenedFile(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.name = source["name"];
	        this.text = source["text"];
	    }
	}

}

