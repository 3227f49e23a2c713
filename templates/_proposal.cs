<?cs # What the pages of proposals share. ?><?cs

def:proposal_basis(of) ?><?cs if:of.Basis ?><?cs call:fact("法律依据", of.Basis) ?><?cs /if ?><?cs call:fact("原因", of.Reason) ?><?cs if:of.From ?><div><dt>期限<dd><span>自 <?cs var:of.From ?> 起<?cs if:of.Until ?>，</span><span>至 <?cs var:of.Until ?><?cs /if ?></span></div>
<?cs /if ?><?cs /def ?><?cs

# What the second clerk looks at. ?><?cs
def:proposal_photos(of) ?><?cs if:of.Photo.After ?><h2>照片</h2>
<ul class="photos"><?cs if:of.Photo.Before ?><li><img src="/staff/people/<?cs var:of.Person ?>/photos/<?cs var:of.Photo.Before ?>" alt="原来的照片" width="147" height="206"><p>原照片</p><?cs /if ?><li class="used"><img src="/staff/people/<?cs var:of.Person ?>/photos/<?cs var:of.Photo.After ?>" alt="本次采集的照片" width="147" height="206"><p>新照片</p></ul>
<?cs /if ?><?cs /def ?><?cs

def:proposal_rows(list) ?><?cs if:subcount(list) > #0 ?><table class="list data"><caption>提请的内容</caption>
<thead><tr><th scope="col">项目<th scope="col">原来<th scope="col">改为
<tbody>
<?cs each:row = list ?><tr><th scope="row"><?cs var:row.Label ?><td data-as="原来"><?cs if:row.Before ?><?cs var:row.Before ?><?cs else ?>（无）<?cs /if ?><td data-as="改为"><?cs if:row.After ?><?cs var:row.After ?><?cs else ?>（无）<?cs /if ?>
<?cs /each ?></table>
<?cs /if ?><?cs /def ?><?cs

# Each certificate with what is going to happen to it, or why nothing can. ?><?cs
def:proposal_certificates(caption, list) ?><?cs if:subcount(list) > #0 ?><table class="list data"><caption><?cs var:caption ?></caption>
<thead><tr><th scope="col">证书编号<th scope="col">姓名<th scope="col">企业<th scope="col">有效期至<th scope="col">证书状态<th scope="col">结果
<tbody>
<?cs each:row = list ?><tr><th scope="row"><?cs var:row.Number ?><td class="keep" data-as="姓名"><?cs var:row.Name ?><td data-as="企业"><?cs var:row.Enterprise ?><td class="keep" data-as="有效期至"><?cs var:row.Until ?><td data-as="证书状态"><?cs call:state(row) ?><td data-as="结果"><?cs if:row.Fate == "failed" ?><b class="wrong">没有办理：<?cs var:row.Explanation ?></b><?cs elif:row.Fate == "done" ?>已办理<?cs elif:row.Fate ?>等待办理<?cs elif:row.Refusal ?><b class="wrong">不能办理：<?cs var:row.Refusal ?></b><?cs elif:row.Effect ?><?cs var:row.Effect ?><?cs elif:Proposal.State == "applied" ?>已办理<?cs elif:Proposal.Decided ?>没有改变<?cs /if ?><?cs if:row.Reason ?><br>原因：<?cs var:row.Reason ?><?cs /if ?>
<?cs /each ?></table>
<?cs /if ?><?cs /def ?><?cs

def:proposal_refusals(list) ?><?cs if:subcount(list) > #0 ?><div class="note bad"><p>现在不能办理：</p><ul><?cs each:refusal = list ?><li><?cs var:refusal.Text ?><?cs /each ?></ul></div>
<?cs /if ?><?cs /def ?>