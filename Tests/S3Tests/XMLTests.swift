import Jobs
import Testing

@testable import S3Backend

@Suite struct `S3's XML` {
    @Test func `is read with its entities`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a <comment> -->
            <Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a='>'><Code>A&amp;B</Code ><Message>&lt;&#65;&#x1F600;ü</Message><Empty/></Error>

            """
        let root = try XMLElement(Array(text.utf8))
        #expect(root.name == "Error")
        #expect(root["Code"] == "A&B")
        #expect(root["Message"] == "<A😀ü")
        #expect(root["Empty"] == "")
        #expect(root["Missing"] == nil)
    }

    @Test(
        arguments: [
            "", "text", "<a>", "<a></b>", "<a></a><b/>", "<a><b></a></b>", "<a b></a>", "<a b=c></a>", "<a>&no;</a>",
            "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&amp</a>", "<!DOCTYPE a><a/>", "<a><![CDATA[x]]></a>", "<a><?x?></a>",
            "<a", "<a/", "</a>", "< a/>", "<a></a>x", "<?xml", "<a><!-- </a>",
            "<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
        ])
    func `is refused where it is not well-formed, or more than S3 needs`(_ text: String) {
        #expect(throws: XMLError.self) { try XMLElement(Array(text.utf8)) }
        #expect(throws: XMLError.self) { try XMLElement(Array(text.utf8) + [0xFF]) }
    }

    @Test func `lists objects, page by page`() throws {
        let text = """
            <ListBucketResult><Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>
            <Contents><Key>pre/originals/0a/a%2Bb+c%C3%BC</Key><LastModified>2009-10-12T17:50:30.987Z</LastModified><Size>1</Size></Contents>
            <Contents><Key>x</Key><LastModified>2009-10-12T17:50:31Z</LastModified></Contents></ListBucketResult>
            """
        let listing = try ObjectListing(Array(text.utf8))
        #expect(listing.continuation == "t/+=")
        #expect(listing.entries.map(\.key) == ["pre/originals/0a/a+b cü", "x"])
        #expect(listing.entries.map(\.modifiedAt.milliseconds) == [1_255_369_830_000, 1_255_369_831_000])
    }

    @Test(
        arguments: [
            "<Error/>", "<ListBucketResult/>", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a%2</Key><LastModified>2009-10-12T17:50:30Z</LastModified></Contents></ListBucketResult>",
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><LastModified>now</LastModified></Contents></ListBucketResult>",
        ])
    func `never passes for the end of a list where it is not`(_ text: String) {
        #expect(throws: ObjectStorageError.self) { try ObjectListing(Array(text.utf8)) }
    }
}
